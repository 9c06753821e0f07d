// The text of a stream of server-sent events, piece by piece -> events (WHATWG HTML, 9.2.6). Pure.

export interface ServerEvent {
	readonly name: string;
	readonly data: string;
}

/** Longer than any event of the master (50 agents' busiest connections come one by one). */
const maxPending = 1_000_000;

export class EventText {
	#rest = '';

	/** The events that this piece completes. Comments and unknown fields are passed over; throws where no event ends. */
	push(piece: string): ServerEvent[] {
		const blocks = (this.#rest + piece).replaceAll('\r\n', '\n').split('\n\n');
		this.#rest = blocks.pop() ?? '';
		if (this.#rest.length > maxPending) throw new Error('an event that does not end');
		return blocks.flatMap((block) => {
			let name = 'message';
			const data: string[] = [];
			for (const line of block.split('\n')) {
				const [, field, value] = /^([a-z]+): ?(.*)$/s.exec(line) ?? [];
				if (field === 'event') name = value!;
				if (field === 'data') data.push(value!);
			}
			return data.length > 0 ? [{ name, data: data.join('\n') }] : [];
		});
	}
}
