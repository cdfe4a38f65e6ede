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
  | (At & {
      readonly kind: 'macro';
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: readonly Statement[];
    })
  | (At & { readonly kind: 'do'; readonly value: Expression })
  | (At & { readonly kind: 'break' | 'continue' });

export type StatementOf<K extends Statement['kind']> = Extract<Statement, { kind: K }>;
