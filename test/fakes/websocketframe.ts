// The server's half of RFC 6455 framing: unmasked, any size, nothing checked, so that it can be wrong on purpose.

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9 } as const;
export type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** The head of a frame whose payload of `length` bytes follows. */
export function frameHead(opcode: Opcode, length: number, { last = true } = {}): Buffer {
	const first = opcode | (last ? 0x80 : 0);
	if (length < 126) return Buffer.from([first, length]);
	const head = Buffer.alloc(length < 65_536 ? 4 : 10);
	head[0] = first;
	if (length < 65_536) {
		head[1] = 126;
		head.writeUInt16BE(length, 2);
	} else {
		head[1] = 127;
		head.writeBigUInt64BE(BigInt(length), 2);
	}
	return head;
}

export function frame(opcode: Opcode, payload: Buffer): Buffer {
	return Buffer.concat([frameHead(opcode, payload.length), payload]);
}

/** Status 1000, "normal closure". */
export const closeFrame = frame(opcodes.close, Buffer.from([0x03, 0xe8]));

/** One text message in `count` fragments: one byte each, the last takes the rest. */
export function fragments(payload: Buffer, count: number): Buffer {
	const singles = Math.min(count - 1, payload.length);
	const parts = Buffer.alloc(singles * 3);
	for (let index = 0; index < singles; index += 1) {
		parts[index * 3] = index === 0 ? opcodes.text : opcodes.continuation;
		parts[index * 3 + 1] = 1;
		parts[index * 3 + 2] = payload[index]!;
	}
	// A payload shorter than the count: the missing fragments are empty.
	const empty = Buffer.alloc(Math.max(0, count - 1 - singles) * 2);
	const rest = payload.subarray(singles);
	const opcode = singles === 0 ? opcodes.text : opcodes.continuation;
	return Buffer.concat([parts, empty, frameHead(opcode, rest.length), rest]);
}
