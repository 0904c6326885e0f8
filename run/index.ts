#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { PACKAGE_ROOT } from './package.ts';

const argv = process.argv.slice(2);
if (argv.includes('--version')) {
  // Answered before anything is imported: scripts ask for it, and it should cost no more than starting Node.
  const { name, version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8'));
  process.stdout.write(`${name} ${version}\n`);
} else {
  const { main } = await import('./cli.ts');
  process.exit(await main(argv, process));
}
