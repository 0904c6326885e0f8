"""Renders templates with Ansible, as the module template does: a line of JSON in, a line of JSON out."""

import json
import sys

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

loader = DataLoader()
for line in sys.stdin:
    job = json.loads(line)
    answers = []
    for template in job['templates']:
        templar = Templar(loader=loader, variables=json.loads(json.dumps(job['variables'])))
        try:
            text = templar.template(template, convert_data=False, escape_backslashes=False)
            answers.append({'text': str(text)})
        except Exception as error:
            answers.append({'error': str(error)})
    print(json.dumps(answers), flush=True)
