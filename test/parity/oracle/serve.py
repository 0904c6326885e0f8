"""Runs ansible-playbook for the parity tests, one job a line of stdin, without starting Python anew for each.

A job is a JSON object: "args" (of ansible-playbook), "cwd", "output" (a file for stdout and stderr) and "events" (a file
for what the callback plugin of callback/ writes). The answer is one line with the exit code.
"""

import json
import os
import sys

import ansible.cli.playbook
import ansible.executor.playbook_executor  # noqa: F401  imported once, for all jobs
import ansible.plugins.action.normal  # noqa: F401
import ansible.plugins.connection.local  # noqa: F401
import ansible.plugins.strategy.linear  # noqa: F401


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
