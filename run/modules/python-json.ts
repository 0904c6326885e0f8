/** JSON as Python's `json.dumps` writes it: blanks after commas and colons, ASCII alone. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, each]) => `${ascii(JSON.stringify(key))}: ${pythonJson(each)}`)
      .join(', ')}}`;
  return ascii(JSON.stringify(value ?? null));
}

function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
