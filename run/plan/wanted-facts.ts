import fs from 'node:fs';
import path from 'node:path';
import type { Role } from '../playbook/model.ts';
import { UnsafeText, VaultText } from '../playbook/yaml-values.ts';

const FULL_NAME = /\bansible_[a-z0-9_]+/gi;
const MEMBER = /\bansible_facts\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['"]([\w.-]+)['"]\s*\])/g;

/**
 * The facts that texts name anywhere: in templates, conditions, variables, template files. One named only by a computed key is
 * fetched when it is asked for.
 */
export class FactNames {
  readonly names = new Set<string>();
  private readonly seen = new Set<unknown>();

  /** Looks through a value as read from YAML, keys and all. */
  scan(value: unknown): void {
    if (typeof value === 'string') this.text(value);
    if (typeof value !== 'object' || value === null || this.seen.has(value)) return;
    this.seen.add(value);
    if (value instanceof UnsafeText || value instanceof VaultText) return;
    if (value instanceof Map) for (const [key, each] of value) this.both(key, each);
    else for (const [key, each] of Object.entries(value)) this.both(key, each);
  }

  /** Looks through a role: what was read of it, and its template files. */
  role(role: Role): void {
    if (this.seen.has(role.path)) return;
    this.seen.add(role.path);
    const folder = path.join(role.path, 'templates');
    for (const file of filesBelow(folder)) this.text(fs.readFileSync(file, 'utf8'));
  }

  text(text: string): void {
    if (!text.includes('ansible_')) return;
    for (const [name] of text.matchAll(FULL_NAME)) this.names.add(name);
    for (const [, attribute, key] of text.matchAll(MEMBER)) this.names.add(`ansible_${attribute ?? key}`);
  }

  private both(key: unknown, value: unknown): void {
    if (typeof key === 'string') this.text(key);
    this.scan(value);
  }
}

function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []));
}
