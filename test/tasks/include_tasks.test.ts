import includeTasks from '../../tasks/include_tasks.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(includeTasks, {
  reads: [
    [{ file: 'a.yml' }, { file: 'a.yml', apply: {} }],
    [
      { file: 'a.yml', apply: { tags: 'x' } },
      { file: 'a.yml', apply: { tags: 'x' } },
    ],
  ],
  refuses: [{}, { file: '' }, { file: 'a', apply: 'b' }, { file: 'a', vars: {} }],
  freeForm: { argument: 'file', keyValues: 'known-only' },
  aliases: { file: ['_raw_params'] },
});
