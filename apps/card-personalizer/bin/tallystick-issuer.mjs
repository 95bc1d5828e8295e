#!/usr/bin/env node
import { launch } from "../../../packages/program/launcher/launch.mjs";

launch({ name: "tallystick-issuer", launcher: import.meta.url });
