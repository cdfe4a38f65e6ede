import { Coprocess } from '../../../agent/linux/ip/coprocess.ts';

/**
 * A small shell that runs scripts one after another: to start a program takes a process of the tests' size longer than most
 * programs run.
 */
export class Hands {
  private readonly shell = Coprocess.start(['sh']);

  /** What the script's programs said; throws when one fails. */
  async run(script: string): Promise<string> {
    const { text } = await this.shell.ask(script, `(set -e\n${script}\n) </dev/null 2>&1; echo "ended $?"\n`, lastLine);
    const { output = text, status } = /^(?<output>.*)ended (?<status>\d+)\n$/s.exec(text)?.groups ?? {};
    if (status !== '0') throw new Error(`${script}\n${output}`);
    return output;
  }

  close(): Promise<void> {
    return this.shell.close();
  }
}

function lastLine(output: string): number | undefined {
  return /(?:^|\n)ended \d+\n$/.test(output) ? output.length : undefined;
}

/** Lines as the standard input of a program. */
export function input(lines: readonly string[], end = '.'): string {
  return ` <<'${end}'\n${[...lines, end].join('\n')}`;
}
