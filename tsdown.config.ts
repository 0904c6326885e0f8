import { cp } from 'node:fs/promises';
import { relative } from 'node:path';
import { defineConfig } from 'tsdown';

/** What nearly every run reads at its start, hundreds of files between them: it becomes part of the program. */
const BUNDLED = ['commander', 'diff', 'ip-address', 'yaml', 'zod'];

// In two parts: who reads this file would put its own place here.
const OWN_PLACE = ['import.meta', 'url'].join('.');

// Few files, since reading one costs a start half a millisecond: one for the program and for each module, which are found by
// file name, and what they share in pieces beside the program. Shell files stand where they do in the sources, so a source
// that asks for its own place hears that, not the place of the piece that it is now in: both are one directory deep.
export default defineConfig({
  entry: { 'run/index': 'run/index.ts', 'tasks/*': 'tasks/*.ts' },
  outputOptions: { entryFileNames: '[name].js', chunkFileNames: 'run/[name]-[hash].js' },
  platform: 'node',
  target: 'node20',
  dts: false,
  logLevel: 'warn',
  deps: { alwaysBundle: BUNDLED },
  plugins: [
    {
      name: 'own-place',
      transform(code: string, id: string) {
        if (!code.includes(OWN_PLACE) || id.startsWith('\0')) return undefined;
        const source = relative(process.cwd(), id).replace(/\.ts$/, '.js');
        const place = `const ownPlace = new URL(${JSON.stringify(`../${source}`)}, ${OWN_PLACE}).href;`;
        return `${place}\n${code.replaceAll(OWN_PLACE, 'ownPlace')}`;
      },
    },
  ],
  hooks: {
    'build:done': async () => {
      const others = (path: string) => !path.endsWith('.ts');
      await cp('run', 'dist/run', { recursive: true, filter: others });
      for (const name of BUNDLED) await cp(`node_modules/${name}/LICENSE`, `dist/licenses/${name}`);
    },
  },
});
