// The server's half of a WebSocket (RFC 6455): its bytes -> whole text messages, in memory that is used again. A frame
// of 10,000 connections is 7 MB; made anew each second, it would stay until the garbage is collected.

/** Why nothing more will come. */
export type MessagesEnd =
	| { readonly kind: 'closed' | 'too large' | 'binary' }
	/** The peer does not keep to the protocol: in what. */
	| { readonly kind: 'broken'; readonly what: string };

export interface MessagesOptions {
	/** Of one message. */
	readonly maxBytes: number;
	/** A whole message. Its memory is the caller's until `release`. */
	readonly onMessage: (message: Buffer) => void;
	/** Once; nothing follows. */
	readonly onEnd: (end: MessagesEnd) => void;
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const firstControl = 8;
const longestControl = 125;
const leastBytes = 4096;
/** The next message hardly has the same size as this one. */
const slack = 1.125;
/** Memory that is so many times what is needed is let go. */
const waste = 4;
const mostSpare = 2;

export class Messages {
	readonly #options: MessagesOptions;
	/** First bytes of the frame that is being read, as far as they have come. */
	readonly #head = Buffer.alloc(10);
	#headBytes = 0;
	/** Of that frame's payload still to come; null: its head is not whole yet. */
	#left: number | null = null;
	/** The message that is being read: `#length` bytes of this; null: none has begun. */
	#message: Buffer | null = null;
	#length = 0;
	#spare: Buffer[] = [];
	#over = false;

	constructor(options: MessagesOptions) {
		this.#options = options;
	}

	/** What the socket brought; may be used again afterwards. */
	push(bytes: Buffer): void {
		let at = 0;
		while (at < bytes.length && !this.#over) {
			at = this.#left === null ? this.#takeHead(bytes, at) : this.#takePayload(bytes, at, this.#left);
		}
	}

	/** Gives a message's memory back: nobody looks at it any more. */
	release(message: Buffer): void {
		if (this.#spare.length < mostSpare) this.#spare.push(Buffer.from(message.buffer));
	}

	#takeHead(bytes: Buffer, at: number): number {
		const wanted = this.#headBytes < 2 ? 2 : headLength(this.#head[1]!);
		const end = Math.min(bytes.length, at + wanted - this.#headBytes);
		bytes.copy(this.#head, this.#headBytes, at, end);
		this.#headBytes += end - at;
		if (this.#headBytes >= 2 && this.#headBytes === headLength(this.#head[1]!)) this.#beginFrame();
		return end;
	}

	#takePayload(bytes: Buffer, at: number, left: number): number {
		const end = Math.min(bytes.length, at + left);
		if (!this.#isControl) {
			bytes.copy(this.#message!, this.#length, at, end);
			this.#length += end - at;
		}
		this.#left = left - (end - at);
		if (this.#left === 0) this.#endFrame();
		return end;
	}

	#beginFrame(): void {
		const [first, second] = [this.#head[0]!, this.#head[1]!];
		const length = payloadLength(this.#head);
		if ((first & 0x70) !== 0) return this.#break('reserved bits are set');
		if ((second & 0x80) !== 0) return this.#break('a frame is masked');
		if (!Object.values<number>(opcodes).includes(this.#opcode)) return this.#break(`opcode ${this.#opcode}`);
		if (this.#opcode === opcodes.binary) return this.#end({ kind: 'binary' });
		if (this.#isControl) {
			if (length > longestControl || !this.#isLast) return this.#break('a control frame is large or in parts');
		} else {
			if ((this.#opcode === opcodes.text) !== (this.#message === null)) return this.#break('messages overlap');
			if (this.#length + length > this.#options.maxBytes) return this.#end({ kind: 'too large' });
			this.#makeRoom(this.#length + length);
		}
		this.#left = length;
		if (length === 0) this.#endFrame();
	}

	#endFrame(): void {
		this.#left = null;
		this.#headBytes = 0;
		if (this.#opcode === opcodes.close) return this.#end({ kind: 'closed' });
		if (this.#isControl || !this.#isLast) return;
		const message = this.#message!.subarray(0, this.#length);
		this.#message = null;
		this.#length = 0;
		this.#options.onMessage(message);
	}

	#makeRoom(bytes: number): void {
		const room = this.#message ?? this.#spare.pop();
		const fits = room !== undefined && room.length >= bytes;
		if (fits && (this.#length > 0 || room.length <= Math.max(leastBytes, bytes * waste))) {
			this.#message = room;
			return;
		}
		const message = Buffer.allocUnsafeSlow(Math.max(leastBytes, Math.ceil(bytes * slack)));
		room?.copy(message, 0, 0, this.#length);
		this.#message = message;
	}

	get #opcode(): number {
		return this.#head[0]! & 0x0f;
	}

	get #isControl(): boolean {
		return this.#opcode >= firstControl;
	}

	get #isLast(): boolean {
		return (this.#head[0]! & 0x80) !== 0;
	}

	#break(what: string): void {
		this.#end({ kind: 'broken', what });
	}

	#end(end: MessagesEnd): void {
		this.#over = true;
		this.#options.onEnd(end);
	}
}

/** The second byte tells it. */
function headLength(second: number): number {
	const code = second & 0x7f;
	return code < 126 ? 2 : code === 126 ? 4 : 10;
}

function payloadLength(head: Buffer): number {
	const code = head[1]! & 0x7f;
	if (code < 126) return code;
	return code === 126 ? head.readUInt16BE(2) : head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6);
}
