#!/usr/bin/env node
import { launch } from "../../../packages/program/launcher/launch.mjs";

launch({ name: "tallystick-settlement", launcher: import.meta.url });
