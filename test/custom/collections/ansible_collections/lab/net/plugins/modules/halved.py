from ansible_collections.lab.net.plugins.module_utils import named

if __name__ == '__main__':
    named.main()
