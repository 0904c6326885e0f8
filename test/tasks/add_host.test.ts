import addHost from '../../tasks/add_host.ts';
import { testStatement } from '../modules/statement.ts';

testStatement(addHost, {
  reads: [
    [
      { name: 'h1', groups: 'a,b', ansible_port: 22 },
      { name: 'h1', groups: ['a', 'b'], ansible_port: 22 },
    ],
  ],
  refuses: [{ groups: 'a' }],
  aliases: { name: ['host', 'hostname'], groups: ['group', 'groupname'] },
});
