// OpenWrt's configuration files (/etc/config/NAME), read as libuci reads them: it takes and refuses the same files,
// with the same words, line and byte, so that a file that `uci show` prints is a file that netmon starts with.
import { UciRefusal, UciText } from './ucitext.ts';

export interface UciSection {
	readonly type: string;
	/** `cfg` and six hex digits where the file gives none. */
	readonly name: string;
	readonly anonymous: boolean;
	/** An `option` is a string and never empty; a `list` is an array. */
	readonly options: ReadonlyMap<string, string | readonly string[]>;
}

export type UciFile = { readonly sections: readonly UciSection[] } | { readonly error: string };

/**
 * Parses a whole file. Values are UTF-8, or latin1 where they are no UTF-8: no byte is lost. The error is
 * libuci's: `Parse error (invalid command) at line 2, byte 1`. One difference: a NUL byte is refused, where libuci
 * drops what follows it up to the end of its buffer.
 */
export function parseUci(bytes: Uint8Array): UciFile {
	const nul = bytes.indexOf(0);
	if (nul >= 0) {
		const before = Buffer.from(bytes.subarray(0, nul)).toString('latin1');
		const line = before.split('\n').length;
		return { error: `Parse error (NUL byte) at line ${line}, byte ${nul - before.lastIndexOf('\n') - 1}` };
	}
	const text = new UciText(bytes);
	try {
		return { sections: new Reader(text).file() };
	} catch (error) {
		if (!(error instanceof UciRefusal)) throw error;
		return { error: `Parse error (${error.message}) at line ${text.line}, byte ${text.position}` };
	}
}

interface OpenSection extends UciSection {
	readonly options: Map<string, string | string[]>;
}

class Reader {
	readonly #text: UciText;
	readonly #sections: OpenSection[] = [];
	readonly #byName = new Map<string, OpenSection>();
	#section: OpenSection | null = null;

	constructor(text: UciText) {
		this.#text = text;
	}

	file(): readonly UciSection[] {
		while (this.#text.nextLine()) this.#statements();
		return this.#sections;
	}

	/** One line holds one statement, or several with `;` between them. */
	#statements(): void {
		for (let command = this.#text.command(); command; command = this.#text.command()) {
			const { word, end } = command;
			if (word.startsWith('#')) return;
			if (word === 'p' || word === 'package') this.#package(end);
			else if (word === 'c' || word === 'config') this.#config(end);
			else if (word === 'o' || word === 'option') this.#option(end, setOption);
			else if (word === 'l' || word === 'list') this.#option(end, addToList);
			else throw new UciRefusal('invalid command');
		}
	}

	#package(end: number): void {
		this.#text.enter(end, 'package without name');
		this.#checkName(this.#text.argument('required'), /^[\w-]+$/);
		this.#endStatement();
	}

	#config(end: number): void {
		this.#text.enter(end, 'config without name');
		const type = this.#text.binary(this.#text.argument('required'));
		if (!/^[!-~]+$/.test(type)) throw new UciRefusal('invalid character in type field');
		const name = this.#text.argument('optional');
		if (this.#text.binary(name) !== '') this.#checkName(name, /^\w+$/);
		this.#endStatement();
		const given = this.#text.binary(name);
		const known = given === '' ? undefined : this.#byName.get(given);
		if (known && known.type !== type) {
			throw new UciRefusal('section of different type overwrites prior section with same name');
		}
		this.#section = known ?? this.#open(type, given);
	}

	#open(type: string, given: string): OpenSection {
		const name = given === '' ? anonymousName(this.#sections.length + 1, type) : given;
		const section: OpenSection = { type, name, anonymous: given === '', options: new Map() };
		this.#sections.push(section);
		if (!this.#byName.has(name)) this.#byName.set(name, section);
		return section;
	}

	#option(end: number, store: typeof setOption): void {
		const section = this.#section;
		if (!section) throw new UciRefusal('option/list command found before the first section');
		this.#text.enter(end, 'option without name');
		const nameStart = this.#text.argument('required');
		this.#checkName(nameStart, /^\w+$/);
		const valueStart = this.#text.argument('optional');
		this.#endStatement();
		store(section, this.#text.binary(nameStart), this.#text.text(valueStart));
	}

	#checkName(start: number, allowed: RegExp): void {
		if (!allowed.test(this.#text.binary(start))) throw new UciRefusal('invalid character in name field');
	}

	#endStatement(): void {
		if (this.#text.binary(this.#text.argument('optional')) !== '') throw new UciRefusal('too many arguments');
	}
}

/** An empty option is not there; it does not take an earlier one away either. */
function setOption({ options }: OpenSection, name: string, value: string): void {
	if (value !== '') options.set(name, value);
}

function addToList({ options }: OpenSection, name: string, value: string): void {
	const old = options.get(name);
	if (Array.isArray(old)) old.push(value);
	else options.set(name, old === undefined ? [value] : [old, value]);
}

/** libuci's name for the `count`th section of a file when it has none of its own: a counter and a hash of the type. */
function anonymousName(count: number, type: string): string {
	let sum = 5381;
	for (const byte of Buffer.from(type, 'latin1')) sum = (Math.imul(sum, 33) + byte) >>> 0;
	return `cfg${count.toString(16).padStart(2, '0')}${(sum & 0xffff).toString(16).padStart(4, '0')}`;
}
