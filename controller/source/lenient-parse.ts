import {
  Composer,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from 'yaml';
import { shallow } from '../template/yaml/shallow.ts';

type Options = ParseOptions & DocumentOptions & SchemaOptions;

/**
 * Parses as PyYAML does, and YAML itself does not: what stands in quotes or brackets may go on in a column left of where it
 * belongs. The library's lexer compares columns with its `indentNext`, which is 0 there.
 */
export function lenientParse(text: string, options: Options): Document.Parsed[] {
  const lexer = new Lexer();
  const here = (name: string): unknown => Reflect.get(lexer, name);
  const isInside = () =>
    Number(here('flowLevel')) > 0 || /["']/.test(String(here('buffer')).charAt(Number(here('pos'))));
  let indent: unknown = 0;
  Object.defineProperty(lexer, 'indentNext', {
    get: () => (isInside() ? 0 : indent),
    set: (value: unknown) => {
      indent = value;
    },
  });
  return [...new Composer(options).compose(shallow(tokens(lexer, text)))] as Document.Parsed[];
}

function* tokens(lexer: Lexer, text: string) {
  const parser = new Parser();
  for (const lexeme of lexer.lex(text)) yield* parser.next(lexeme);
  yield* parser.end();
}
