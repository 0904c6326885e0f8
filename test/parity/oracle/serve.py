"""Runs ansible-playbook for the parity tests, one job a line of stdin, without starting Python anew for each.

A job is a JSON object: "args" (of ansible-playbook), "cwd", "output" (a file for stdout and stderr) and "events" (a file
for what the callback plugin of callback/ writes). The answer is one line with the exit code.

A module that Ansible would pipe to a new Python runs in a copy of this process instead: the same source, without the
0.2 s in which Python starts and reads its libraries.
"""

import gc
import json
import os
import select
import sys

import ansible.cli.playbook
import ansible.executor.playbook_executor  # noqa: F401  imported once, for all jobs
import ansible.module_utils.basic
import ansible.modules.command
import ansible.modules.stat  # noqa: F401
import ansible.plugins.action.normal  # noqa: F401
import ansible.plugins.connection.local
import ansible.plugins.strategy.linear  # noqa: F401

PIPED = "/bin/sh -c '%s && sleep 0'" % sys.executable

spawned = ansible.plugins.connection.local.Connection.exec_command


def exec_command(self, cmd, in_data=None, sudoable=True):
    if in_data is None or self.become or cmd != PIPED:
        return spawned(self, cmd, in_data=in_data, sudoable=sudoable)
    return run_source(in_data)


def run_source(source):
    """Runs a module's source in a copy of this process; returns its exit code, stdout and stderr."""
    pipes = [os.pipe(), os.pipe()]
    child = os.fork()
    if child == 0:
        code = 1
        try:
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.dup2(pipes[0][1], 1)
            os.dup2(pipes[1][1], 2)
            for pipe in pipes:
                os.close(pipe[0])
                os.close(pipe[1])
            sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
            sys.argv = [""]
            exec(compile(source, "<stdin>", "exec"), {"__name__": "__main__"})
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    for pipe in pipes:
        os.close(pipe[1])
    texts = read_all([pipe[0] for pipe in pipes])
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), texts[0], texts[1]


def read_all(files):
    texts = {file: b"" for file in files}
    open_files = set(files)
    while open_files:
        for file in select.select(list(open_files), [], [])[0]:
            data = os.read(file, 65536)
            texts[file] += data
            if not data:
                os.close(file)
                open_files.discard(file)
    return [texts[file] for file in files]


def run(job):
    os.chdir(job["cwd"])
    os.environ["PARITY_EVENTS"] = job["events"]
    out = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    try:
        ansible.cli.playbook.PlaybookCLI.cli_executor(["ansible-playbook", *job["args"]])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


ansible.plugins.connection.local.Connection.exec_command = exec_command
# What is here stays: collecting it in every copy would copy its memory.
gc.freeze()
gc.disable()

for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 250
        try:
            code = run(job)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
