import { cp } from 'node:fs/promises';
import { defineConfig } from 'tsdown';

// A file for each source file, in the same places: modules are found by file name, shell files stand beside their module.
export default defineConfig({
  entry: ['run/index.ts', 'tasks/*.ts'],
  unbundle: true,
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  dts: false,
  logLevel: 'warn',
  hooks: {
    'build:done': async () => {
      const others = (path: string) => !path.endsWith('.ts');
      await cp('run', 'dist/run', { recursive: true, filter: others });
    },
  },
});
