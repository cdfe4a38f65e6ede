import { OrchError } from '../../proto/errors.ts';
import type { Play, Playbook, VarPrompt, Vars } from '../playbook/types.ts';
import { literal } from '../source/literal.ts';
import type { Located } from '../source/located.ts';
import { hashPassword, newSalt } from '../template/password-hash.ts';
import { printedText } from '../template/text.ts';
import { varsLayer } from '../vars/layer.ts';
import { renderLocated } from '../vars/render.ts';
import { createScope } from '../vars/scope.ts';

/** Asks a person for a text; with `echo` it is seen while it is typed. */
export type Ask = (question: string, echo: boolean) => Promise<string>;

/** Whether a playbook asks for anything that `-e` does not say. */
export function asksVars({ plays }: Playbook, extraVars: Vars): boolean {
  return plays.some(({ prompts }) => prompts.some(({ name }) => !extraVars.has(name.value)));
}

/**
 * The playbook with what `vars_prompt` asks for among its plays' variables; variables of `-e` are not asked for. Without `ask` nobody
 * can be asked: the default is taken, or, as in Ansible, the text `None`. Throws OrchError.
 */
export async function askVars(playbook: Playbook, extraVars: Vars, ask: Ask | undefined): Promise<Playbook> {
  const plays: Play[] = [];
  for (const play of playbook.plays) {
    const answers = new Map<string, Located>();
    for (const prompt of play.prompts) {
      if (extraVars.has(prompt.name.value)) continue;
      const scope = createScope([varsLayer(play.vars), varsLayer(extraVars)]);
      const otherwise = prompt.otherwise && printedText(renderLocated(prompt.otherwise, scope));
      const text = await answerTo(prompt, otherwise, ask);
      const { origin, path } = prompt.name;
      answers.set(prompt.name.value, { value: prompt.unsafe ? literal(text) : text, origin, path });
    }
    plays.push(answers.size === 0 ? play : { ...play, vars: new Map([...play.vars, ...answers]) });
  }
  return { ...playbook, plays };
}

async function answerTo(prompt: VarPrompt, otherwise: string | undefined, ask: Ask | undefined): Promise<string> {
  const typed = ask === undefined ? '' : await asked(prompt, otherwise, ask);
  const text = typed === '' ? (otherwise ?? (ask === undefined ? 'None' : '')) : typed;
  if (prompt.encrypt === undefined) return text;
  try {
    const salt = prompt.salt ?? newSalt(prompt.encrypt, prompt.saltSize);
    return hashPassword(text, prompt.encrypt, { salt });
  } catch (error) {
    const summary = error instanceof Error ? error.message : String(error);
    throw new OrchError({ code: 'invalid-parameter', summary, where: prompt.name.origin.place(prompt.name.path) });
  }
}

async function asked(prompt: VarPrompt, otherwise: string | undefined, ask: Ask): Promise<string> {
  const { name, confirm } = prompt;
  const words = prompt.prompt?.value ?? `input for ${name.value}`;
  const question = otherwise === undefined ? words : `${words} [${otherwise}]`;
  for (;;) {
    const first = await ask(question, !prompt.private);
    if (!confirm || (await ask(`confirm ${question}`, !prompt.private)) === first) return first;
    process.stderr.write('The two answers differ.\n');
  }
}
