/** What one run of a tool cost, and what else was counted (`round trips`, `bytes up`). */
export type Sample = Record<string, number>;

/** One tool doing the work. */
export interface Contestant {
  tool: string;
  /** Does the work once. */
  run(): Promise<Sample>;
  /** Rounds that it takes part in, where it is too slow for all of them. */
  rounds?: number;
}

/** The medians of one tool at one size of the work. */
export interface Row {
  work: string;
  tool: string;
  values: Sample;
  /** By each value: how many times the first tool's of the same work. */
  ratios: Sample;
}

export interface Options {
  rounds: number;
  /** Also what takes minutes: the slow tools at the large sizes. */
  full: boolean;
  /** Says on stderr what is under way. */
  tell(message: string): void;
}

export interface Benchmark {
  title: string;
  run(options: Options): Promise<Row[]>;
}

/** Lets the tools do the same work in turn, round by round, and gives the medians. The first tool is the measure. */
export async function compare(work: string, contestants: Contestant[], options: Options): Promise<Row[]> {
  const samples = new Map<string, Sample[]>(contestants.map(({ tool }) => [tool, []]));
  for (let round = 0; round < options.rounds; round++)
    for (const { tool, run, rounds = options.rounds } of contestants) {
      if (round >= rounds) continue;
      options.tell(`${work}: ${tool}, round ${round + 1}`);
      samples.get(tool)!.push(await run());
    }
  const rows = [...samples].map(([tool, each]): Row => ({ work, tool, values: medians(each), ratios: {} }));
  for (const row of rows) row.ratios = ratios(row.values, rows[0]!.values);
  return rows;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function medians(samples: readonly Sample[]): Sample {
  const names = Object.keys(samples[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(samples.map((sample) => sample[name]!))]));
}

function ratios(values: Sample, measure: Sample): Sample {
  const shared = Object.keys(values).filter((name) => (measure[name] ?? 0) > 0);
  return Object.fromEntries(shared.map((name) => [name, values[name]! / measure[name]!]));
}
