import importTasks from '../../tasks/import_tasks.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(importTasks, {
  reads: [[{ file: 'a.yml' }, { file: 'a.yml' }]],
  refuses: [{}, { file: 'a', apply: {} }],
  freeForm: { argument: 'file', keyValues: 'known-only' },
  aliases: { file: ['_raw_params'] },
});
