/** The Debian releases that a lab host can run. */
export const SUITES = ['bookworm', 'trixie'] as const;

export type Suite = (typeof SUITES)[number];
