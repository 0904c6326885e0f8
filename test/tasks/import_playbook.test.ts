import importPlaybook from '../../tasks/import_playbook.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(importPlaybook, {
  reads: [[{ file: 'a.yml' }, { file: 'a.yml' }]],
  refuses: [{}],
  freeForm: { argument: 'file', keyValues: 'none' },
  aliases: { file: ['_raw_params'] },
});
