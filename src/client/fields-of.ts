/** What a plugin declares of its answer, as the type of the answer. The declaration is `as const`. */
export type FieldsOf<F> = { readonly [K in RequiredKeys<F>]: Nullable<F[K]> } & { readonly [K in OptionalKeys<F>]?: Nullable<F[K]> };

type OptionalKeys<F> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];
type RequiredKeys<F> = Exclude<keyof F, OptionalKeys<F>>;

type Nullable<N> = N extends { readonly nullable: true } ? Value<N> | null : Value<N>;

type Value<N> = N extends { readonly each: infer E }
  ? readonly FieldsOf<E>[]
  : N extends { readonly fields: infer G }
    ? FieldsOf<G>
    : N extends { readonly kind: 'counter' | 'gauge' }
      ? number
      : N extends { readonly values: readonly (infer V)[] }
        ? V
        : N extends { readonly type: infer T }
          ? OfType<T extends readonly (infer One)[] ? One : T>
          : string;

interface TypeByName {
  readonly string: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly array: readonly unknown[];
  readonly object: Readonly<Record<string, unknown>>;
}

type OfType<T> = T extends keyof TypeByName ? TypeByName[T] : unknown;
