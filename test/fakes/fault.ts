// What can be wrong with a controller, as data. The core takes one at a time; `null` is health.

export type Fault =
	// Of the connection.
	/** Speaks first and something else: an SSH server, a printer. */
	| { readonly kind: 'banner'; readonly text: string }
	/** Takes the connection and never says a word. */
	| { readonly kind: 'deaf' }
	// Of requests, upgrades included.
	/** Another program's page, whatever is asked. */
	| { readonly kind: 'html' }
	| { readonly kind: 'status'; readonly status: number }
	/** Every answer waits. */
	| { readonly kind: 'slow'; readonly ms: number }
	/** Each answer is 200 with this as its body. */
	| { readonly kind: 'answer'; readonly body: string | Buffer }
	/** Each answer's body is this large, in chunks as fast as they are taken, or at a speed. */
	| { readonly kind: 'huge answer'; readonly bytes: number; readonly bytesPerSecond?: number }
	// Of the stream; open ones too, from the next tick on.
	/** The socket stays open, no frame comes. */
	| { readonly kind: 'silence' }
	/** This instead of each frame. */
	| { readonly kind: 'garbage'; readonly text: string | Buffer }
	/** Each frame ends after this share of its text, 0 to 1. */
	| { readonly kind: 'truncated'; readonly share: number }
	/** Each frame is a text message of this size, in chunks as fast as they are taken. */
	| { readonly kind: 'huge'; readonly bytes: number }
	/** Each frame at this speed. */
	| { readonly kind: 'drip'; readonly bytesPerSecond: number }
	/** A close frame and the end, after so many frames of a stream. */
	| { readonly kind: 'close'; readonly afterFrames: number }
	/** The end without a close frame. */
	| { readonly kind: 'fin'; readonly afterFrames: number }
	/** So many ticks are held back and come at once: what a reader finds that was stalled. */
	| { readonly kind: 'burst'; readonly frames: number }
	| { readonly kind: 'binary' }
	/** Each message in so many fragments of a byte, the rest in the last. */
	| { readonly kind: 'fragments'; readonly count: number }
	/** So many pings before each frame. */
	| { readonly kind: 'pings'; readonly count: number }
	/** These bytes on the socket instead of each frame, WebSocket or not. */
	| { readonly kind: 'raw'; readonly bytes: Buffer };
