import { writeFile } from 'node:fs/promises';
import { Modules } from '../plan/modules.ts';
import { editorSchemaFiles } from './editor-schema.ts';
import { errorReference } from './errors.ts';
import { moduleReference } from './modules.ts';

/* `npm run docs`: writes what is made from the schemas anew. */
const docs = new URL('../../docs/', import.meta.url);
const modules = new Modules();
await writeFile(new URL('modules.md', docs), await moduleReference(modules));
await writeFile(new URL('errors.md', docs), errorReference());
for (const [name, text] of Object.entries(await editorSchemaFiles(modules)))
  await writeFile(new URL(`schema/${name}`, docs), text);
