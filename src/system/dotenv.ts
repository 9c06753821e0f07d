// `.env` files, read as dotenvy reads them (the Rust programs that netmon replaces use it): quotes, escapes, `export`,
// comments, `$NAME`, values over several lines. A damaged file is an error text, never an exception.

export type DotEnv = { readonly values: ReadonlyMap<string, string> } | { readonly error: string };

/**
 * Parses a whole file. Where a name comes twice the first counts. `$NAME` and `${NAME}` stand for `environment`'s
 * value, else for what the file said above, else for nothing; a bare `$NAME` ends at the first `_`, as dotenvy has
 * it. The error names the line and quotes nothing of it: a secret may stand there.
 */
export function parseDotEnv(bytes: Uint8Array, environment: Readonly<Record<string, string | undefined>>): DotEnv {
	const text = Buffer.from(bytes).toString('utf8');
	if (!Buffer.from(text).equals(Buffer.from(bytes))) return { error: 'it is not UTF-8' };
	const nul = text.indexOf('\0');
	if (nul >= 0) return { error: `line ${lineOf(text, nul)} holds a NUL byte` };
	const reader = new Reader(text, environment);
	try {
		return { values: reader.file() };
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return { error: `line ${lineOf(text, error.place)} ${error.message}` };
	}
}

/** A few lines of `A=$A$A` would else make more text than there is memory. */
const maxValueChars = 4 * 1024 * 1024;

class Refusal extends Error {
	readonly place: number;
	constructor(message: string, place: number) {
		super(message);
		this.place = place;
	}
}

function lineOf(text: string, place: number): number {
	return text.slice(0, place).split('\n').length;
}

const blank = /[^\S\n]/;
const nameStart = /[A-Za-z_]/;
const namePart = /[\w.]/;
const bareName = /[\p{Alphabetic}\p{N}]/u;

class Reader {
	readonly #text: string;
	readonly #environment: Readonly<Record<string, string | undefined>>;
	readonly #values = new Map<string, string>();
	/** What `$NAME` finds: the latest value, where `#values` keeps the first. */
	readonly #latest = new Map<string, string>();
	#place: number;

	constructor(text: string, environment: Readonly<Record<string, string | undefined>>) {
		this.#text = text;
		this.#environment = environment;
		this.#place = text.startsWith('\ufeff') ? 1 : 0;
	}

	file(): ReadonlyMap<string, string> {
		while (this.#place < this.#text.length) {
			this.#skipBlanks();
			if (!this.#atEnd() && this.#char() !== '#') this.#assignment();
			this.#skipLine();
		}
		return this.#values;
	}

	#char(): string {
		return this.#text[this.#place] ?? '';
	}

	/** At the end of a line or of the file. */
	#atEnd(): boolean {
		const char = this.#char();
		return char === '' || char === '\n';
	}

	#lastOfLine(): boolean {
		return (this.#text[this.#place + 1] ?? '\n') === '\n';
	}

	#skipBlanks(): void {
		while (blank.test(this.#char())) this.#place += 1;
	}

	#skipLine(): void {
		const end = this.#text.indexOf('\n', this.#place);
		this.#place = end < 0 ? this.#text.length : end + 1;
	}

	#assignment(): void {
		const first = this.#name();
		// `export` is a prefix, or a name like any other when `=` follows it.
		const name = first === 'export' && this.#char() !== '=' ? this.#name() : first;
		if (this.#char() !== '=') throw new Refusal('is not of the form NAME=VALUE', this.#place);
		this.#place += 1;
		this.#skipBlanks();
		const value = this.#char() === '#' ? '' : this.#value();
		this.#latest.set(name, value);
		if (!this.#values.has(name)) this.#values.set(name, value);
	}

	#name(): string {
		const start = this.#place;
		if (!nameStart.test(this.#char())) throw new Refusal('is not of the form NAME=VALUE', start);
		while (namePart.test(this.#char())) this.#place += 1;
		const name = this.#text.slice(start, this.#place);
		this.#skipBlanks();
		return name;
	}

	#value(): string {
		let value = '';
		while (!this.#atEnd()) {
			this.#bound(value);
			const char = this.#char();
			if (blank.test(char)) {
				this.#endOfValue();
				break;
			}
			if (char === "'") value += this.#singleQuoted();
			else if (char === '"') value += this.#doubleQuoted();
			else if (char === '\\' && !this.#lastOfLine()) value += this.#escape();
			else if (char === '$') value += this.#substitution();
			else {
				if (char !== '\\') value += char;
				this.#place += 1;
			}
		}
		return value;
	}

	/** Behind a value only a comment may follow. */
	#endOfValue(): void {
		this.#skipBlanks();
		if (!this.#atEnd() && this.#char() !== '#') {
			throw new Refusal('has a value with a blank in it: put it between quotes', this.#place);
		}
	}

	#singleQuoted(): string {
		const start = this.#place + 1;
		const end = this.#text.indexOf("'", start);
		if (end < 0) throw new Refusal("opens a quote (') that nothing closes", this.#place);
		this.#place = end + 1;
		return this.#text.slice(start, end);
	}

	#doubleQuoted(): string {
		const open = this.#place;
		this.#place += 1;
		let value = '';
		for (;;) {
			const char = this.#char();
			if (char === '') throw new Refusal('opens a quote (") that nothing closes', open);
			this.#bound(value);
			if (char === '\\') value += this.#escape();
			else if (char === '$') value += this.#substitution();
			else {
				this.#place += 1;
				if (char === '"') return value;
				value += char;
			}
		}
	}

	#bound(value: string): void {
		if (value.length > maxValueChars) throw new Refusal('makes a value of more than 4 MiB', this.#place);
	}

	#escape(): string {
		const place = this.#place;
		const char = this.#text[place + 1] ?? '';
		this.#place += 2;
		if (char === 'n') return '\n';
		if (char !== '' && '\\\'"$ '.includes(char)) return char;
		throw new Refusal('has a backslash before a character that needs none', place);
	}

	#substitution(): string {
		const open = this.#place;
		this.#place += 1;
		if (this.#char() === '{') {
			const end = this.#text.indexOf('}', open);
			const name = this.#text.slice(open + 2, end);
			if (end < 0 || name.includes('\n')) throw new Refusal('opens ${ that nothing closes', open);
			this.#place = end + 1;
			return this.#lookUp(name);
		}
		const rest = this.#place;
		while (bareName.test(this.#char())) this.#place += 1;
		return this.#lookUp(this.#text.slice(rest, this.#place));
	}

	#lookUp(name: string): string {
		const own = Object.hasOwn(this.#environment, name) ? this.#environment[name] : undefined;
		return own ?? this.#latest.get(name) ?? '';
	}
}
