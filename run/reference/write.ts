import { writeFile } from 'node:fs/promises';
import { Modules } from '../plan/modules.ts';
import { moduleReference } from './modules.ts';

/* `npm run docs`: writes docs/modules.md anew. */
await writeFile(new URL('../../docs/modules.md', import.meta.url), await moduleReference(new Modules()));
