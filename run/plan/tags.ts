import type { Raw, TaskNode } from '../playbook/model.ts';

/** `--tags` and `--skip-tags`, split. */
export interface TagSelection {
  only: readonly string[];
  skip: readonly string[];
}

/**
 * Whether a task runs under the chosen tags: `all`, `tagged`, `untagged` as words of the selection, `always` and `never`
 * as words of the task. Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_tags.html
 */
export function isSelected(task: TaskNode, inherited: readonly Raw[], selection: TagSelection): boolean {
  const tags = flatTags(inherited);
  if (task.module === 'meta' && tags.length === 0) return true;
  const only = new Set(selection.only.length > 0 ? selection.only : ['all']);
  const skip = new Set(selection.skip);
  const own = new Set(tags.length > 0 ? tags : ['untagged']);
  const matches = (words: Set<string>): boolean =>
    tags.some((tag) => words.has(tag)) || (words.has('untagged') && own.has('untagged'));

  let run: boolean;
  if (own.has('always')) run = true;
  else if (only.has('all') && !own.has('never')) run = true;
  else if (matches(only)) run = true;
  else run = only.has('tagged') && !own.has('untagged') && !own.has('never');
  if (!run) return false;

  if (skip.has('all')) return own.has('always') && !skip.has('always');
  if (matches(skip)) return false;
  return !(skip.has('tagged') && !own.has('untagged'));
}

/** Tags as written (lists, comma lists, nested by inheritance) in one flat list. */
export function flatTags(tags: readonly Raw[]): string[] {
  return tags.flatMap((tag): string[] => {
    if (Array.isArray(tag)) return flatTags(tag);
    return String(tag)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  });
}
