import includeRole from '../../tasks/include_role.ts';
import { testStatement } from '../modules/statement.ts';

const role = {
  name: 'lamp',
  tasks_from: 'main',
  vars_from: 'main',
  defaults_from: 'main',
  handlers_from: 'main',
  allow_duplicates: true,
  rolespec_validate: true,
};

testStatement(includeRole, {
  reads: [
    [{ name: 'lamp' }, { ...role, public: false, apply: {} }],
    [
      { name: 'lamp', tasks_from: 'x/y.yml', public: 'yes', allow_duplicates: 'no' },
      { ...role, tasks_from: 'x/y.yml', public: true, allow_duplicates: false, apply: {} },
    ],
  ],
  refuses: [{}, { name: 'a', task_from: 'b' }],
  aliases: { name: ['role'] },
});
