import { OrchError } from '../../../proto/errors.ts';
import type { VarPrompt } from '../../playbook/plays/var-prompt.ts';
import type { Play, Playbook, Vars } from '../../playbook/types.ts';
import { literal } from '../../source/literal.ts';
import type { Located } from '../../source/located.ts';
import { hashPassword, newSalt } from '../../template/formats/password-hash.ts';
import { printedText } from '../../template/python/text.ts';
import { varsLayer } from '../../vars/layer.ts';
import { renderLocated } from '../../vars/render.ts';
import { createScope } from '../../vars/scope.ts';

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
      const rendered = (said: Located | undefined) => said && printedText(renderLocated(said, scope));
      const text = await answerTo(
        {
          ...prompt,
          words: rendered(prompt.prompt) ?? prompt.name.value,
          otherwise: rendered(prompt.otherwise),
          encrypt: rendered(prompt.encrypt),
          salt: rendered(prompt.salt),
        },
        ask,
      );
      const { origin, path } = prompt.name;
      answers.set(prompt.name.value, { value: prompt.unsafe ? literal(text) : text, origin, path });
    }
    plays.push(answers.size === 0 ? play : { ...play, vars: new Map([...play.vars, ...answers]) });
  }
  return { ...playbook, plays };
}

/** A prompt whose templates are rendered. */
interface Question extends Pick<VarPrompt, 'name' | 'private' | 'confirm' | 'saltSize'> {
  readonly words: string;
  readonly otherwise: string | undefined;
  readonly encrypt: string | undefined;
  readonly salt: string | undefined;
}

async function answerTo(question: Question, ask: Ask | undefined): Promise<string> {
  const { name, otherwise, encrypt, salt, saltSize } = question;
  const typed = ask === undefined ? '' : await asked(question, ask);
  const text = typed === '' ? (otherwise ?? (ask === undefined ? 'None' : '')) : typed;
  if (encrypt === undefined) return text;
  try {
    return hashPassword(text, encrypt, { salt: salt ?? newSalt(encrypt, saltSize) });
  } catch (error) {
    const summary = error instanceof Error ? error.message : String(error);
    throw new OrchError({ code: 'invalid-parameter', summary, where: name.origin.place(name.path) });
  }
}

async function asked({ words, otherwise, confirm, private: hidden }: Question, ask: Ask): Promise<string> {
  const question = otherwise === undefined ? words : `${words} [${otherwise}]`;
  for (;;) {
    const first = await ask(question, !hidden);
    if (!confirm || (await ask(`confirm ${question}`, !hidden)) === first) return first;
    process.stderr.write('***** VALUES ENTERED DO NOT MATCH ****\n');
  }
}
