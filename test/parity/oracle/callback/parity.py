"""A stdout callback of ansible-playbook that writes what happens as `run --json` does, one object a line."""

import json
import os

from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.playbook.role_include import IncludeRole
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: parity
    type: stdout
    short_description: JSON lines for the parity tests
    description: JSON lines for the parity tests
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "parity"

    def write(self, value):
        with open(os.environ["PARITY_EVENTS"], "a", encoding="utf8") as events:
            events.write(json.dumps(value, cls=AnsibleJSONEncoder) + "\n")

    def task(self, result, status, ignored=False):
        task = result._task
        name = result._task_fields.get("name") or task.action
        if not task.name and isinstance(task, IncludeRole):
            name = "%s : %s" % (task.action, result._result.get("include_args", task.args).get("name"))
        # What includes a role is shown without the role that it stands in.
        if task._role and not isinstance(task, IncludeRole):
            name = "%s : %s" % (task._role.get_name(), name)
        self.write(
            {
                "event": "task",
                "host": result._host.get_name(),
                "task": name,
                "module": task.action,
                "status": status,
                "ignored": ignored,
                "result": result._result,
            }
        )

    def v2_runner_on_ok(self, result):
        self.task(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.task(result, "failed", ignore_errors)

    def v2_runner_on_skipped(self, result):
        self.task(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.task(result, "unreachable")

    def v2_playbook_on_stats(self, stats):
        hosts = {}
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            counts["failed"] = counts.pop("failures")
            hosts[host] = counts
        self.write({"event": "recap", "hosts": hosts})
