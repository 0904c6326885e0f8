import { quote, type ShellFunctions } from './script.ts';

/** What one shell has been taught of the modules' functions. */
export class Lessons {
  /** As the shell will know them when it has read what was queued so far. */
  private readonly functions = new Map<string, string>();
  /** Libraries all of whose functions are among them. */
  private readonly taught = new Set<ShellFunctions>();

  /** Teaches the functions that the shell lacks; where two modules have one of the same name, the later one counts. */
  teach(libraries: readonly ShellFunctions[]): string {
    let lesson = '';
    for (const library of libraries) {
      if (this.taught.has(library)) continue;
      const missing: string[] = [];
      for (const [name, definition] of library) {
        const known = this.functions.get(name);
        if (known === definition) continue;
        if (known !== undefined) this.taught.clear();
        this.functions.set(name, definition);
        missing.push(definition);
      }
      this.taught.add(library);
      lesson += missing.length === library.size ? wholeLesson(library) : lessonOf(missing);
    }
    return lesson;
  }
}

/** Most hosts are taught most libraries as a whole: the text is made once for all of them. */
const wholeLessons = new WeakMap<ShellFunctions, string>();

function wholeLesson(library: ShellFunctions): string {
  let lesson = wholeLessons.get(library);
  if (lesson === undefined) {
    lesson = lessonOf([...library.values()]);
    wholeLessons.set(library, lesson);
  }
  return lesson;
}

function lessonOf(definitions: readonly string[]): string {
  return definitions.length === 0 ? '' : `ll_learn ${quote(definitions.join('\n'))} .\n`;
}
