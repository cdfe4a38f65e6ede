import { cleanLine, safeJson } from './report/clean.ts';
import { hideSecrets, hideSecretsIn } from './vault/secret-texts.ts';

/** Diagnostics of orch itself, on stderr; secrets never get here. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  verbose(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

type Level = keyof Log;

let sink: ((level: Level, message: string, fields: Readonly<Record<string, unknown>>) => void) | undefined;

const to =
  (level: Level) =>
  (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    sink?.(level, hideSecrets(message), hideSecretsIn(fields));

/** Silent until startLog; -v shows info, -vv verbose, -vvv debug. */
export const log: Log = { info: to('info'), verbose: to('verbose'), debug: to('debug') };

/** Turns the log on for the number of -v given; winston is loaded only then. */
export async function startLog(verbosity: number): Promise<void> {
  if (verbosity < 1) return;
  // The bundle gives a CommonJS module's parts under default only.
  const { createLogger, format, transports } = (await import('winston')).default;
  const line = format.printf(({ timestamp, level, message, ...fields }) => {
    const more = Object.keys(fields).length > 0 ? ` ${safeJson(fields)}` : '';
    return `${String(timestamp)} ${level}: ${cleanLine(String(message))}${more}`;
  });
  const logger = createLogger({
    level: verbosity > 2 ? 'debug' : verbosity > 1 ? 'verbose' : 'info',
    format: format.combine(format.timestamp({ format: 'HH:mm:ss.SSS' }), line),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'verbose', 'debug'] })],
  });
  sink = (level, message, fields) => logger.log(level, message, fields);
}
