import { parser, plugin } from 'typescript-eslint';

// Everything else is checked by TypeScript and biome; a promise that nobody waits for only this rule finds.
export default [
  { ignores: ['node_modules/', 'dist/', 'coverage/', '**/fixtures/'] },
  {
    files: ['{run,tasks,test,bench}/**/*.ts'],
    languageOptions: { parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@typescript-eslint': plugin },
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
];
