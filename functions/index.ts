import { manifest } from './manifest.ts';
import { register } from './register.ts';

register(manifest);
