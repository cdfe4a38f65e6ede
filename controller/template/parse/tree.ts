/** What the parser makes. `at` is an offset in the template's text. */
interface At {
  readonly at: number;
}

export interface CallArguments {
  readonly positional: readonly Expression[];
  readonly named: readonly { readonly name: string; readonly value: Expression }[];
  /** `*list` and `**mapping`. */
  readonly spread: Expression | undefined;
  readonly spreadNamed: Expression | undefined;
}

/** A filter's or test's name with its arguments. */
export interface NamedCall extends At {
  readonly name: string;
  readonly args: CallArguments;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export type Expression =
  | (At & { readonly kind: 'constant'; readonly value: unknown })
  /** A constant text of a condition, with a template in it. */
  | (At & { readonly kind: 'embedded'; readonly text: string })
  | (At & { readonly kind: 'name'; readonly name: string })
  | (At & { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] })
  | (At & {
      readonly kind: 'dict';
      readonly pairs: readonly { readonly key: Expression; readonly value: Expression }[];
    })
  | (At & { readonly kind: 'attribute'; readonly object: Expression; readonly name: string })
  | (At & { readonly kind: 'item'; readonly object: Expression; readonly key: Expression })
  | (At & {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
    })
  | (At & { readonly kind: 'call'; readonly callee: Expression; readonly args: CallArguments })
  | (NamedCall & { readonly kind: 'filter' | 'test'; readonly value: Expression })
  | (At & { readonly kind: 'not' | 'negative' | 'positive'; readonly operand: Expression })
  | (At & { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression })
  | (At & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (At & { readonly kind: 'concat'; readonly parts: readonly Expression[] })
  | (At & {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: CompareOperator; readonly value: Expression }[];
    })
  | (At & {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression | undefined;
    });

export type ExpressionOf<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** Where `for` and `set` put values. */
export type Target =
  | (At & { readonly kind: 'name'; readonly name: string })
  | (At & { readonly kind: 'member'; readonly namespace: string; readonly name: string })
  | (At & { readonly kind: 'unpack'; readonly targets: readonly Target[] });

export interface Parameter {
  readonly name: string;
  readonly fallback: Expression | undefined;
}

/** Parameters and body of a macro or `call`; `uses` tells which of the special names its body reads. */
export interface MacroBody {
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly uses: ReadonlySet<SpecialName>;
}

export type SpecialName = 'caller' | 'varargs' | 'kwargs';

export type Statement =
  | (At & { readonly kind: 'text'; readonly text: string })
  | (At & { readonly kind: 'print'; readonly value: Expression })
  | (At & {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: readonly Statement[] }[];
      readonly otherwise: readonly Statement[];
    })
  | (At & {
      readonly kind: 'for';
      readonly target: Target;
      readonly items: Expression;
      readonly condition: Expression | undefined;
      readonly recursive: boolean;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    })
  | (At & { readonly kind: 'set'; readonly target: Target; readonly value: Expression })
  | (At & {
      readonly kind: 'set-block';
      readonly target: Target;
      readonly filters: readonly NamedCall[];
      readonly body: readonly Statement[];
    })
  | (At & {
      readonly kind: 'filter-block';
      readonly filters: readonly NamedCall[];
      readonly body: readonly Statement[];
    })
  | (At & {
      readonly kind: 'with';
      readonly values: readonly { readonly target: Target; readonly value: Expression }[];
      readonly body: readonly Statement[];
    })
  | (At & MacroBody & { readonly kind: 'macro'; readonly name: string })
  | (At & MacroBody & { readonly kind: 'call-block'; readonly call: ExpressionOf<'call'> })
  | (At & {
      readonly kind: 'include';
      readonly template: Expression;
      readonly ignoreMissing: boolean;
      readonly withContext: boolean;
    })
  | (At & {
      readonly kind: 'import';
      readonly template: Expression;
      readonly name: string;
      readonly withContext: boolean;
    })
  | (At & {
      readonly kind: 'from-import';
      readonly template: Expression;
      readonly names: readonly { readonly name: string; readonly as: string }[];
      readonly withContext: boolean;
    })
  | (At & { readonly kind: 'extends'; readonly template: Expression })
  | (At & {
      readonly kind: 'block';
      readonly name: string;
      readonly scoped: boolean;
      readonly required: boolean;
      readonly body: readonly Statement[];
    })
  | (At & { readonly kind: 'scope'; readonly body: readonly Statement[] })
  | (At & { readonly kind: 'do'; readonly value: Expression })
  | (At & { readonly kind: 'break' | 'continue' });

export type StatementOf<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** A parsed template and where it came from. */
export interface Source {
  readonly text: string;
  /** The file's path; undefined for a text of a playbook. */
  readonly file: string | undefined;
  readonly body: readonly Statement[];
  /** Whether it calls a method that changes a list or dict. */
  readonly changes: boolean;
}
