"""The vocabulary of OAuth and OpenID Connect: what is on the wire, read strictly and written exactly.

Pure: no framework, no storage, no clock; nothing but the standard library, and joserfc in `jwt`. Modules
import each other relatively, because the package is shipped a second time inside the wheel latchkey-resource-server.
"""
