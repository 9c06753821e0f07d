// What src/dashboard/plugin.mjs makes.
declare module 'dashboard-files' {
	export const files: readonly {
		/** `index.html`, ... */
		readonly name: string;
		readonly type: string;
		/** In its quotes. */
		readonly etag: string;
		/** The file, compressed, in base64. */
		readonly brotli: string;
	}[];
}
