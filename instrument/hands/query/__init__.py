"""OSCQuery: the controls of a show as a tree that other programs read over HTTP and WebSocket."""
