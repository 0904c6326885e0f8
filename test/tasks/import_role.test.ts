import importRole from '../../tasks/import_role.ts';
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

testStatement(importRole, {
  reads: [[{ name: 'lamp' }, role]],
  refuses: [{}, { name: 'a', public: true }, { name: 'a', apply: {} }],
  aliases: { name: ['role'] },
});
