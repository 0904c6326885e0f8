import { z } from 'zod';
import { choice, str } from '../run/args.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/async_status_module.html */
export default defineTask({
  name: 'ansible.builtin.async_status',
  summary: 'Tells what became of a task that "async" left running.',
  args: z.strictObject({
    jid: str(),
    mode: choice('status', 'cleanup').default('status'),
  }),
  checkMode: 'reads',
  returns: {
    ansible_job_id: 'The job.',
    started: '1: it was started.',
    finished: '1 when it has ended, 0 while it runs; then everything that its module returns is here too.',
    results_file: "The job's file on the host, readable by its owner only.",
    erased: 'The file that `mode: cleanup` removed.',
  },
  example: `
- name: Upgrade without waiting
  ansible.builtin.apt:
    upgrade: dist
  async: 3600
  poll: 0
  register: upgrade

- name: Wait for the upgrade
  ansible.builtin.async_status:
    jid: "{{ upgrade.ansible_job_id }}"
  register: job
  until: job is finished
  retries: 100
  delay: 10`,

  action: (args, host) => host.job(args.jid, args.mode),
});
