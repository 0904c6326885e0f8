import { main } from '../cli.ts';
import { LamplighterError } from '../errors.ts';
import { canBeLab } from '../lab/requirements.ts';
import { errorText } from '../report/error-text.ts';
import { painter, wantsColour } from '../report/style.ts';

/*
 * `npm run demo`: boots real hosts on this machine, sets up a broker and two lamps on them, proves the bridges, and
 * says what to try next.
 */

const PROVEN = `
That was real: three Debian hosts with systemd, sshd and apt now run on this
machine. Over SSH they became a broker ("cloud") and two lamps that bridge to
it; then a message went out over each bridge, one came in, and one that was
meant for another lamp stayed out.

Look around, and try the rest:
  npx tsx run playbooks/site.yaml                  again: nothing changes
  npx tsx run lab ssh lamp01                       log in (exit ends it)
  npx tsx run lab ssh cloud mosquitto_sub -p 50001 -t 'devices/#' -v
  npx tsx run lab reset lamp01                     a fresh machine, then:
  npx tsx run playbooks/site.yaml --check --diff   what would change, without changing it
  npx tsx run lab down                             nothing of it is left
`;

const NO_LAB = `
Your own hosts do as well: copy inventory.example.yaml to my-hosts.yaml, name them there, and run
  npx tsx run -i my-hosts.yaml playbooks/site.yaml
`;

process.exit(await demo());

async function demo(): Promise<number> {
  const paint = painter(wantsColour({ env: process.env, isTTY: process.stderr.isTTY }));
  const lab = await canBeLab();
  if (!lab.ok) {
    const error = new LamplighterError('LAB', `the demo boots hosts of its own, and cannot here: ${lab.reason}`);
    process.stderr.write(errorText(error, { paint, cwd: process.cwd() }) + NO_LAB);
    return 1;
  }
  for (const argv of [['lab', 'up'], ['playbooks/site.yaml']]) {
    process.stdout.write(`\n$ npx tsx run ${argv.join(' ')}\n`);
    const code = await main(argv, process);
    if (code !== 0) return code;
  }
  process.stdout.write(PROVEN);
  return 0;
}
