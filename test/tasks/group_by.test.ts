import groupBy from '../../tasks/group_by.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(groupBy, {
  reads: [
    [{ key: 'os Debian GNU' }, { key: 'os-Debian-GNU', parents: ['all'] }],
    [
      { key: 'a', parents: ['b c'] },
      { key: 'a', parents: ['b-c'] },
    ],
  ],
  refuses: [{}],
});
