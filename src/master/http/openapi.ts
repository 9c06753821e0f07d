// GET /api/v1/openapi.json, made from the table of routes.
import type { Route } from './route.ts';

const enveloped = {
	type: 'object',
	required: ['status', 'data', 'message'],
	properties: { status: { enum: ['success', 'error'] }, data: {}, message: { type: ['string', 'null'] } },
};

export function openApi(routes: readonly Route[], version: string): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const route of routes) {
		paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
	}
	return {
		openapi: '3.1.0',
		info: { title: 'netmon master', version, description: 'docs/api.md tells each of these with an example.' },
		paths,
		components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
	};
}

function operation({ path, method, about, access, parameters, types = [] }: Route): object {
	const json = { 'application/json': { schema: enveloped } };
	const only = ['/api/v1/health', '/metrics', '/api/v1/live'].includes(path);
	const error = { description: 'A refusal, with a sentence in message', content: json };
	return {
		summary: about,
		security: access === 'anybody' ? [] : [{ token: [] }],
		parameters: [
			...(path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : []),
			...parameters.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
		],
		...(method === 'POST' || method === 'PUT'
			? { requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } } }
			: {}),
		responses: {
			200: {
				description: about,
				content: { ...(only ? {} : json), ...Object.fromEntries(types.map((type) => [type, {}])) },
			},
			default: error,
		},
	};
}
