import includeVars from '../../tasks/include_vars.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(includeVars, {
  reads: [
    [
      { dir: 'vars', ignore_files: 'a.yml, b.yml', hash_behaviour: 'merge' },
      {
        dir: 'vars',
        depth: 0,
        ignore_files: ['a.yml', 'b.yml'],
        extensions: ['yaml', 'yml', 'json'],
        ignore_unknown_extensions: false,
        hash_behaviour: 'merge',
      },
    ],
  ],
  refuses: [{}, { file: 'a', dir: 'b' }, { dir: 'a', files_matching: '(' }, { file: 'a', hash_behaviour: 'deep' }],
  freeForm: { argument: 'file', keyValues: 'known-only' },
  aliases: { file: ['_raw_params'] },
});
