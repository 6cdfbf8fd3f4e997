"""The wire: our subset of the Centrifugal client protocol, as JSON and as Protobuf (PROTOCOL.md)."""
