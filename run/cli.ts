import { parseArguments } from './cli/arguments.ts';
import type { Io } from './cli/io.ts';

/** The command line: what follows the program's name in, the exit code out. Each branch imports what it alone needs. */
export async function main(argv: string[], io: Io): Promise<number> {
  endQuietlyWhenNobodyReads(io);
  if (argv[0] === 'lab') {
    const { labCommand } = await import('./lab/command.ts');
    return labCommand(argv.slice(1), {
      stdout: io.stdout,
      stderr: io.stderr,
      isTTY: io.stderr.isTTY === true && !io.env.NO_COLOR,
    });
  }
  if (argv[0] === 'vault') {
    const [{ vaultCommand }, { terminal }] = await Promise.all([
      import('./vault/command.ts'),
      import('./cli/terminal.ts'),
    ]);
    return vaultCommand(argv.slice(1), io, terminal);
  }
  if (argv[0] === 'lint') {
    const { lintCommand } = await import('./lint/command.ts');
    return lintCommand(argv.slice(1), io);
  }
  if (argv[0] === 'doc' || argv[0] === 'schema') {
    const { docCommand, schemaCommand } = await import('./reference/command.ts');
    return (argv[0] === 'doc' ? docCommand : schemaCommand)(argv.slice(1), io);
  }
  if (argv[0] === 'undo') {
    const { undoCommand } = await import('./cli/undo.ts');
    return undoCommand(argv.slice(1), io);
  }
  if (argv[0] === 'image') {
    const { imageCommand } = await import('./image/command.ts');
    return imageCommand(argv.slice(1), io);
  }
  if (argv[0] === 'demo') {
    const { demo } = await import('./cli/demo.ts');
    return demo(argv.slice(1), io, (words) => main(words, io));
  }
  const args = parseArguments(argv, {
    out: (text) => io.stdout.write(text),
    err: (text) => io.stderr.write(text),
  });
  if ('exitCode' in args) return args.exitCode;
  const { run } = await import('./cli/run.ts');
  return run(args, io);
}

/** `run … | head` is no error: the reader has seen enough. */
function endQuietlyWhenNobodyReads(io: Io): void {
  for (const stream of [io.stdout, io.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      io.exit(0);
    });
}
