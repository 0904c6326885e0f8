import { isAbsolute, relative } from 'node:path';
import type { Place } from '../errors.ts';

/** `FILE:LINE`, the file as seen from the working directory where it lies below it. */
export function placeText(place: Place, cwd: string): string {
  return `${shortPath(place.file, cwd)}:${place.line}`;
}

export function shortPath(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') ? file : path;
}
