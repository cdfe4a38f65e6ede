import type { z } from 'zod';
import { OrchError } from '../../../proto/errors.ts';
import { readExactJson } from '../../../proto/exact-json.ts';
import { narrowed } from '../../../proto/narrowed.ts';
import type { Host } from '../../linux/host.ts';
import type { AnyModule } from '../../modules/module.ts';
import { withAbsolutePaths } from './path-params.ts';

const maxDepth = 64;
const maxIssues = 10;

/**
 * Parameters of one item: text from the wire to what the module's schema makes of it, with the host's paths in full. The
 * controller has checked the same before; this is the agent's own guard. Throws OrchError 'invalid-parameter'.
 */
export async function parseParams(module: AnyModule, json: string, host: Host): Promise<unknown> {
  const given = await withAbsolutePaths(module, parseJson(module.name, json), host);
  const result: z.ZodSafeParseResult<unknown> = narrowed(module.params, given).safeParse(given);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, maxIssues).map((issue) => {
    const path = issue.path.join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  throw invalid(module.name, issues.join('; '));
}

function parseJson(module: string, json: string): unknown {
  // Most have fewer brackets altogether.
  if ((json.match(/[[{]/g)?.length ?? 0) > maxDepth && depth(json) > maxDepth)
    throw invalid(module, `nested deeper than ${maxDepth} levels`);
  try {
    return readExactJson(json);
  } catch {
    throw invalid(module, 'not valid JSON');
  }
}

/** Deepest nesting of a JSON text, without building it. */
function depth(json: string): number {
  let deepest = 0;
  let level = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const mark = json[at];
    if (quoted && mark === '\\') at++;
    else if (mark === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (mark === '[' || mark === '{') deepest = Math.max(deepest, ++level);
    else if (mark === ']' || mark === '}') level--;
  }
  return deepest;
}

function invalid(module: string, what: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary: `Parameters of ${module}: ${what}.` });
}
