// SPDX-License-Identifier: Apache-2.0
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [
		sveltekit({
			// One page answers every address; the edge serves it for what is not a file.
			adapter: adapter({ fallback: 'index.html', precompress: true }),
			csp: {
				mode: 'hash',
				directives: {
					'default-src': ['none'],
					'script-src': ['self'],
					'style-src': ['self'],
					'img-src': ['self'],
					'connect-src': ['self'],
					'manifest-src': ['self'],
					'base-uri': ['none'],
					'form-action': ['self'],
					'require-trusted-types-for': ['script']
				}
			}
		})
	],
	build: { assetsInlineLimit: 0 }
});
