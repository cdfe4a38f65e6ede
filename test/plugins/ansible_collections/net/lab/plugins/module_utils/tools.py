def mark(value):
    return f'<{value}>'
